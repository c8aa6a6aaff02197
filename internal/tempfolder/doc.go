// Package tempfolder makes private folders that last as long as some work, and
// removes those of processes that were killed at it:
//
//	folder, err := tempfolder.Place{}.Make()
//	...
//	defer folder.Close()
//	unpack(folder.Path())
//
// A folder holds a file that its process keeps locked, and beside it the folder that
// is worked in. The system gives the lock up with the process, however that ends, so
// a lock that can be had means that nobody works there, also where processes do not
// see each other. Each Make first removes the folders of the same user that nobody has
// locked and that are older than a day; Clear removes those that are newer, too. Both go
// by names, follow no symbolic link, and touch nothing that was not made here. Where it cannot be told whose a file is (on
// Windows) nothing is removed but by Close.
package tempfolder
