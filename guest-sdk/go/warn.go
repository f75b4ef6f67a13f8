package lockgate

import (
	"fmt"

	"lockgate.dev/lockgate/internal/host"
)

// Warn tells people of what went less well than they may think, though there is an answer: a value that was left out, rounded or
// guessed. Path says where in the external object, for example "items[3].price"; it may be empty. Warnings are shown with the task,
// beside the host's own, and dropped if the task fails. The host keeps the first 100 of a task and counts the rest.
func Warn(path, message string) {
	host.AddWarning(message, path)
}

// Warnf is Warn with a format.
func Warnf(path, format string, a ...any) {
	host.AddWarning(fmt.Sprintf(format, a...), path)
}
