package host

import (
	"bytes"
	"strings"

	clock "lockgate.dev/lockgate/internal/bindings/lockgate_connector_clock"
	log "lockgate.dev/lockgate/internal/bindings/lockgate_connector_log"
	secrets "lockgate.dev/lockgate/internal/bindings/lockgate_connector_secrets"
	settings "lockgate.dev/lockgate/internal/bindings/lockgate_connector_settings"
	state "lockgate.dev/lockgate/internal/bindings/lockgate_connector_state"
	task "lockgate.dev/lockgate/internal/bindings/lockgate_connector_task"
	warnings "lockgate.dev/lockgate/internal/bindings/lockgate_connector_warnings"
	"lockgate.dev/lockgate/internal/wit/runtime"
	types "lockgate.dev/lockgate/internal/wit/types"
)

// What the adapter keeps there: the answer of one call, and lines of stdout and stderr that have no end yet.
var area [8256]byte

//go:wasmimport wasi_snapshot_preview1 lockgate_area
func lendArea(area *byte)

//go:wasmimport wasi_snapshot_preview1 lockgate_flush
func flush()

func init() {
	lendArea(&area[0])
}

// Flush logs what was written to stdout and stderr without an end of line.
func Flush() {
	flush()
}

// Log writes a line to the task's log.
func Log(level Level, message string) {
	log.Log(uint8(level), strings.ToValidUTF8(message, "\uFFFD"))
}

// AddWarning adds a warning to the task.
func AddWarning(message, path string) {
	where := types.None[string]()
	if path != "" {
		where = types.Some(strings.ToValidUTF8(path, "\uFFFD"))
	}
	warnings.Warn(strings.ToValidUTF8(message, "\uFFFD"), where)
}

// NowMS is the host's time.
func NowMS() float64 {
	return clock.NowMs()
}

// What the host answers is in the arena, so everything is copied before the arena is released.

// Setting is the operator's.
func Setting(key string) (string, bool) {
	runtime.Hold()
	defer runtime.Release()
	return text(settings.Get(key))
}

// Secret is the placeholder of one.
func Secret(name string) (string, bool) {
	runtime.Hold()
	defer runtime.Release()
	return text(secrets.Get(name))
}

// TaskTitle is what whoever submitted it said.
func TaskTitle() (string, bool) {
	runtime.Hold()
	defer runtime.Release()
	return text(task.Title())
}

// TaskFileName is what the host knows of it.
func TaskFileName() (string, bool) {
	runtime.Hold()
	defer runtime.Release()
	return text(task.FileName())
}

// TaskSite is the task's.
func TaskSite() (string, bool) {
	runtime.Hold()
	defer runtime.Release()
	return text(task.Site())
}

// StateGet reads.
func StateGet(key string) ([]byte, bool) {
	runtime.Hold()
	defer runtime.Release()
	found := state.Get(key)
	if found.IsNone() {
		return nil, false
	}
	return bytes.Clone(found.Some()), true
}

// StateSet writes.
func StateSet(key string, value []byte) StateOutcome {
	runtime.Hold()
	defer runtime.Release()
	return outcome(state.Set(key, value))
}

// StateDelete deletes.
func StateDelete(key string) StateOutcome {
	runtime.Hold()
	defer runtime.Release()
	return outcome(state.Delete(key))
}

// StateKeys lists.
func StateKeys(prefix string) []string {
	runtime.Hold()
	defer runtime.Release()
	found := state.Keys(prefix)
	keys := make([]string, len(found))
	for at, key := range found {
		keys[at] = strings.Clone(key)
	}
	return keys
}

func text(found types.Option[string]) (string, bool) {
	if found.IsNone() {
		return "", false
	}
	return strings.Clone(found.Some()), true
}

func outcome(result types.Result[types.Unit, state.StateError]) StateOutcome {
	if result.IsOk() {
		return StateOutcome{}
	}
	switch err := result.Err(); err.Tag() {
	case state.StateErrorFull:
		return StateOutcome{Kind: StateFull, GrantedBytes: err.Full()}
	case state.StateErrorInvalidKey:
		return StateOutcome{Kind: StateInvalidKey}
	default:
		return StateOutcome{Kind: StateDenied}
	}
}
