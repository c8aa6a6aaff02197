// Package filelock locks files between processes. A lock holds while the file is open,
// and the system gives it up with the process, however that ends:
//
//	file, err := filelock.Open("history.lock", false)
//	...
//	if file == nil {
//		return errSomebodyElse
//	}
//	defer file.Close()
package filelock
