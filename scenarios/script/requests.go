package script

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
)

// maxAnswer bounds the answers that request reads, in bytes.
const maxAnswer = 1 << 20

// An order is what the command request is to send, and to get.
type order struct {
	status, code string
	method, path string
	version      string
	header       [][2]string
	file         string // "" sends no body
}

// parseOrder reads the arguments of request.
func parseOrder(args []string) (order, error) {
	o := order{version: "2015-09-01"}
	for len(args) > 1 && strings.HasPrefix(args[0], "-") {
		switch args[0] {
		case "-version":
			o.version = args[1]
		case "-header":
			name, value, ok := strings.Cut(args[1], ":")
			if !ok {
				return o, usage("%q is not 'NAME: VALUE'", args[1])
			}
			o.header = append(o.header, [2]string{name, strings.TrimSpace(value)})
		default:
			return o, usage("there is no flag %s", args[0])
		}
		args = args[2:]
	}
	if len(args) < 3 || len(args) > 4 {
		return o, usage("STATUS[/CODE] METHOD PATH [FILE]")
	}
	o.status, o.code, _ = strings.Cut(args[0], "/")
	if _, err := strconv.Atoi(o.status); err != nil {
		return o, usage("%q is no status", args[0])
	}
	o.method, o.path = args[1], strings.TrimPrefix(args[2], "/")
	if len(args) == 4 {
		o.file = args[3]
	}
	return o, nil
}

// request sends a request and checks the answer.
func (s *Script) request(args []string) error {
	o, err := parseOrder(args)
	if err != nil {
		return err
	}
	answer, err := s.send(o)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return err
	}
	s.out("%s", text)
	s.setenv("REQUEST_ID", answer.Header.Get("x-ms-request-id"))
	if got := strconv.Itoa(answer.StatusCode); got != o.status {
		return fmt.Errorf("the status is %s, want %s: %s", got, o.status, text)
	}
	if got := errorCode(text); o.code != "" && got != o.code {
		return fmt.Errorf("the code of the error is %q, want %s: %s", got, o.code, text)
	}
	return nil
}

func (s *Script) send(o order) (*http.Response, error) {
	var body io.Reader = http.NoBody
	if o.file != "" {
		body = bytes.NewReader([]byte(os.Expand(s.ts.ReadFile(o.file), s.ts.Getenv)))
	}
	st := s.Universe.Stage()
	req, err := http.NewRequestWithContext(s.ctx, o.method, st.Emulator().ManagementURL()+"/"+s.Universe.ID()+"/"+o.path, body)
	if err != nil {
		return nil, err
	}
	if o.version != "" {
		req.Header.Set("x-ms-version", o.version)
	}
	if o.file != "" {
		req.Header.Set("Content-Type", "application/xml")
	}
	for _, h := range o.header {
		req.Header.Set(h[0], h[1])
	}
	return st.HTTP().Do(req)
}

// errorCode reads the code of an error document, "" where there is none.
func errorCode(text []byte) string {
	var e struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
	}
	if xml.Unmarshal(text, &e) != nil {
		return ""
	}
	return e.Code
}
