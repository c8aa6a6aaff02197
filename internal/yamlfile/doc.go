// Package yamlfile reads YAML, and JSON, that people write, and collects what is
// wrong with a file by line and column, to show all of it at once:
//
//	r := yamlfile.NewReport("vipswap.yaml", data)
//	body := r.Parse(limits)
//	// compare body with what it should be: r.Note for what is there, r.At and r.Path
//	// for what is wrong
//	return r.Err()
//
// What is read is bounded: its size, how deep brackets nest, and one document only.
package yamlfile
