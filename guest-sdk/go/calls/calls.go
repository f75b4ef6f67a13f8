// Package calls asks the external application, over plain wasi:http. A call blocks, and the task's deadline runs meanwhile.
//
//	token, _ := lockgate.SecretNamed("token")
//	answer, err := calls.Get("https://crm.example.com/Users/" + url.PathEscape(id)).Bearer(token).Do()
//	if err != nil {
//		return nil, err
//	}
//	if err := answer.Check(); err != nil {
//		return nil, err
//	}
//
// The host sends a call only where the manifest asks for its host and the operator grants it; it follows no redirects. An error has
// a kind for the task: what may be better the next time is unavailable, the rest internal.
//
// net/http is not used: it more than doubles a component.
package calls

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lockgate.dev/lockgate"
)

// ResponseBytesMax is the longest body of an answer that is read, unless the request says otherwise: 8 MiB.
const ResponseBytesMax = 8 << 20

// Request is a request in the making.
type Request struct {
	// Method is in capitals; empty is GET.
	Method string
	URL    string
	Header Header
	// Body: nil for none.
	Body []byte
	// Timeout is how long to wait for the connection, then for the answer's first byte, then for each next part of it. Zero: as long
	// as the host waits.
	Timeout time.Duration
	// ResponseBytesMax is the longest body of the answer, in bytes. Zero: the package's ResponseBytesMax.
	ResponseBytesMax int
}

// Header is in the order in which its lines were added.
type Header []HeaderLine

// HeaderLine is a name and a value.
type HeaderLine struct{ Name, Value string }

// Get is the first value under this name, in any case; empty if there is none.
func (h Header) Get(name string) string {
	for _, line := range h {
		if strings.EqualFold(line.Name, name) {
			return line.Value
		}
	}
	return ""
}

// NewRequest begins a request of any method.
func NewRequest(method, url string) *Request {
	return &Request{Method: strings.ToUpper(method), URL: url}
}

// Get begins a GET request.
func Get(url string) *Request { return NewRequest("GET", url) }

// Post begins a POST request with a body of a media type.
func Post(url, mediaType string, body []byte) *Request {
	request := NewRequest("POST", url).Add("content-type", mediaType)
	request.Body = body
	return request
}

// Add adds a header.
func (r *Request) Add(name, value string) *Request {
	r.Header = append(r.Header, HeaderLine{name, value})
	return r
}

// Bearer adds the header authorization: Bearer ….
func (r *Request) Bearer(token lockgate.Secret) *Request {
	return r.Add("authorization", "Bearer "+string(token))
}

// Basic adds the header authorization: Basic …. The host finds a secret in it all the same.
func (r *Request) Basic(user string, password lockgate.Secret) *Request {
	return r.Add("authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+string(password))))
}

// Do sends it and reads the answer to its end. An answer of any status is no error: see [Response.Check]. Natively,
// lockgatetest.AnswerCalls says who answers.
func (r *Request) Do() (*Response, error) {
	parsed, err := url.Parse(r.URL)
	if err != nil {
		return nil, lockgate.Internalf("no URL that can be called: %w", err)
	}
	if scheme := parsed.Scheme; scheme != "http" && scheme != "https" || parsed.Host == "" {
		return nil, lockgate.Internalf("no URL that can be called: %q", parsed.Redacted())
	}
	return send(r, parsed)
}

func (r *Request) method() string {
	if r.Method == "" {
		return "GET"
	}
	return r.Method
}

func (r *Request) bytesMax() int {
	if r.ResponseBytesMax == 0 {
		return ResponseBytesMax
	}
	return r.ResponseBytesMax
}

// Response is an answer of the external application, read to its end.
type Response struct {
	// Status is for example 200.
	Status int
	Header Header
	Body   []byte
}

// JSON reads the body into what target points to, as [lockgate.DecodeJSON] does. What is wrong with it is unavailable: an
// application that answers something else than JSON with a status of 2xx is mostly a proxy's error page.
func (r *Response) JSON(target any) error {
	if err := lockgate.DecodeJSON(r.Body, target); err != nil {
		return lockgate.Unavailablef("the external application answered %d with a body that is not what is expected: %w", r.Status, err)
	}
	return nil
}

// Check is nil for a status of 2xx, else the error that the status means to the task: 404 and 410 are not found; 408, 425, 429 and 5xx
// are unavailable, with the delay of a retry-after in seconds; the rest is internal.
func (r *Response) Check() error {
	switch status := r.Status; {
	case status >= 200 && status <= 299:
		return nil
	case status == 401 || status == 403:
		return lockgate.Internalf("the external application answered %d: it does not accept the credentials", status)
	case status == 404 || status == 410:
		return lockgate.NotFoundf("the external application answered %d", status)
	case status == 408 || status == 425 || status == 429 || status >= 500 && status <= 599:
		unavailable := lockgate.Unavailablef("the external application answered %d", status)
		if seconds, err := strconv.ParseUint(strings.TrimSpace(r.Header.Get("retry-after")), 10, 22); err == nil {
			unavailable = unavailable.After(time.Duration(seconds) * time.Second)
		}
		return unavailable
	default:
		return lockgate.Internalf("the external application answered %d", status)
	}
}

func tooLarge(bytesMax int) error {
	return lockgate.Internalf("the answer is longer than %d bytes", bytesMax)
}
