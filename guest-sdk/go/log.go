package lockgate

import (
	"context"
	"log/slog"
	"strings"

	"lockgate.dev/lockgate/internal/host"
)

// LogHandler writes the records of log/slog to the task's log, natively to stderr. In a component it is the default: slog.Info
// and its like go there, and so does the package log. What is written to os.Stdout and os.Stderr is logged line by line, as info
// and as a warning.
func LogHandler() slog.Handler {
	return logHandler{}
}

// LevelTrace is below slog.LevelDebug, as the contract's trace is.
const LevelTrace = slog.LevelDebug - 4

type logHandler struct {
	// What With and WithGroup have gathered.
	gathered string
	group    string
}

// Enabled: the host decides how much it keeps.
func (logHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h logHandler) Handle(_ context.Context, record slog.Record) error {
	var line strings.Builder
	line.WriteString(record.Message)
	line.WriteString(h.gathered)
	record.Attrs(func(attr slog.Attr) bool {
		write(&line, h.group, attr)
		return true
	})
	host.Log(level(record.Level), line.String())
	return nil
}

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var line strings.Builder
	line.WriteString(h.gathered)
	for _, attr := range attrs {
		write(&line, h.group, attr)
	}
	h.gathered = line.String()
	return h
}

func (h logHandler) WithGroup(name string) slog.Handler {
	if name != "" {
		h.group += name + "."
	}
	return h
}

// write appends " key=value", and a group's attributes each for itself.
func write(line *strings.Builder, group string, attr slog.Attr) {
	value := attr.Value.Resolve()
	if value.Kind() == slog.KindGroup {
		if attr.Key != "" {
			group += attr.Key + "."
		}
		for _, inner := range value.Group() {
			write(line, group, inner)
		}
		return
	}
	if attr.Equal(slog.Attr{}) {
		return
	}
	line.WriteString(" " + group + attr.Key + "=" + value.String())
}

func level(of slog.Level) host.Level {
	switch {
	case of < slog.LevelDebug:
		return host.Trace
	case of < slog.LevelInfo:
		return host.Debug
	case of < slog.LevelWarn:
		return host.Info
	case of < slog.LevelError:
		return host.Warn
	default:
		return host.Error
	}
}
