//go:build !wasip1

package calls

import (
	"net/url"

	"lockgate.dev/lockgate"
	"lockgate.dev/lockgate/internal/hook"
)

func send(request *Request, _ *url.URL) (*Response, error) {
	answer, ok := hook.Answer.(func(*Request) (*Response, error))
	if !ok {
		return nil, lockgate.Internal("in tests lockgatetest.AnswerCalls says what the external application answers")
	}
	response, err := answer(request)
	if err != nil {
		return nil, err
	}
	if response == nil {
		return nil, lockgate.Internal("the answer that lockgatetest.AnswerCalls gives is nil")
	}
	if len(response.Body) > request.bytesMax() {
		return nil, tooLarge(request.bytesMax())
	}
	return response, nil
}
