package lockgate

import (
	"fmt"
	"runtime"
	"strings"

	"lockgate.dev/lockgate/internal/host"
)

// guarded calls a method of the connector. A panic becomes an internal error with the panic's message and the place in the
// connector's source; the goroutine's stack goes to the task's log, a line for each call.
func guarded[T any](method func() (T, error)) (answer T, failed *Error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			stack := stackOfPanic()
			failed = Internalf("panic: %v (%s)", panicked, stack[0].place())
			host.Log(host.Error, fmt.Sprintf("panic: %v", panicked))
			for _, frame := range stack {
				host.Log(host.Error, "    at "+frame.Function+" ("+frame.place()+")")
			}
		}
	}()
	answer, err := method()
	if err != nil {
		return answer, asError(err)
	}
	return answer, nil
}

type frame struct{ runtime.Frame }

func (f frame) place() string {
	if f.File == "" {
		return "place unknown"
	}
	return fmt.Sprintf("%s:%d", f.File, f.Line)
}

// module is the path of this package, with which its functions' names begin.
const module = "lockgate.dev/lockgate"

// framesMax is how many calls of a stack are logged: the innermost ones.
const framesMax = 32

// stackOfPanic has the connector's frames, those between the panic and this package; at least one. Called by the deferred
// function.
func stackOfPanic() []frame {
	callers := make([]uintptr, framesMax+16)
	frames := runtime.CallersFrames(callers[:runtime.Callers(0, callers)])
	var stack []frame
	below := false
	for more := true; more && len(stack) < framesMax; {
		var next runtime.Frame
		next, more = frames.Next()
		switch {
		case next.Function == "runtime.gopanic":
			below = true
		case !below || strings.HasPrefix(next.Function, "runtime."):
		case isOwn(next.Function):
			more = false
		case strings.HasPrefix(next.Function, module+".(*Fields)."), strings.HasPrefix(next.Function, module+".References."),
			strings.HasSuffix(next.Function, ".Set") && strings.HasPrefix(next.Function, module+".(*"):
			// The place is where the connector called it.
		default:
			stack = append(stack, frame{next})
		}
	}
	if len(stack) == 0 {
		return []frame{{}}
	}
	return stack
}

// isOwn: the functions that call the connector's methods, and the literals inside of them.
func isOwn(function string) bool {
	for _, own := range []string{"prepare", "objectParams", "documentParams", "guarded"} {
		if strings.HasPrefix(function, module+"."+own) {
			return true
		}
	}
	return false
}
