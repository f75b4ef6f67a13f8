//go:build !wasip1

package calls

import (
	"net/url"

	"lockgate"
)

// Answer stands in for the external application in tests.
var Answer = func(request *Request) (*Response, error) {
	return nil, lockgate.Internal("in tests calls.Answer says what the external application answers")
}

func send(request *Request, _ *url.URL) (*Response, error) {
	response, err := Answer(request)
	if err == nil && len(response.Body) > request.ResponseBytesMax {
		return nil, tooLarge(request.ResponseBytesMax)
	}
	return response, err
}
