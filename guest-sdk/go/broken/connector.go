// A connector whose external object names a mistake, which it then makes: to show what its author sees.
package main

import (
	"errors"
	"fmt"
	"log"
	"log/slog"
	"strings"

	"lockgate.dev/lockgate"
)

func init() {
	lockgate.Export(Broken{})
}

// Broken makes the mistake that it is told to.
type Broken struct{ lockgate.NoReferences }

// PrepareInternalObject translates "fine" into a role, and nothing else.
func (Broken) PrepareInternalObject(external lockgate.External, _ lockgate.Task) (lockgate.Prepared, error) {
	switch mistake := strings.TrimSpace(string(external.Body)); mistake {
	case "fine":
		return lockgate.NewObject("cms.role", "fine"), nil
	case "typo":
		return typo(), nil
	case "wrong-type":
		return wrongType("seven"), nil
	case "divide-by-zero":
		return divide(len(mistake), 0), nil
	case "endless-loop":
		return endlessLoop(), nil
	case "allocate":
		return allocate(), nil
	case "panic":
		panic("the shelf is empty")
	case "panic-in-goroutine":
		return panicInGoroutine(), nil
	case "wait-for-ever":
		return waitForEver(), nil
	case "exit":
		log.Fatal("the shelf is closed")
		return nil, nil
	case "print":
		fmt.Println("to stdout")
		println("to stderr")
		log.Print("by log")
		slog.Warn("by slog", "count", 7)
		fmt.Print("without an end")
		return lockgate.Skip("it only prints"), nil
	case "error":
		return nil, errors.New("an error without a kind")
	case "nothing":
		return nil, nil
	default:
		return ofData(mistake, external)
	}
}

// A key is misspelt, so there is no team, and its members cannot be asked for.
func typo() lockgate.Prepared {
	type team struct{ title string }
	teams := map[string]*team{"editors": {title: "Editors"}}
	return lockgate.NewObject("cms.role", teams["editers"].title)
}

// A text is taken for a number.
func wrongType(answer any) lockgate.Prepared {
	number := answer.(int)
	return lockgate.NewObject("cms.role", "seven").Set("number", lockgate.Integer(number))
}

func divide(whole, parts int) lockgate.Prepared {
	return lockgate.NewObject("cms.role", "share").Set("share", lockgate.Integer(whole/parts))
}

//go:noinline
func endlessLoop() lockgate.Prepared {
	for turns := 0; ; turns++ {
		if turns < 0 {
			return lockgate.Skip("never")
		}
		turns &= 0xffff
	}
}

func allocate() lockgate.Prepared {
	var kept [][]byte
	for {
		kept = append(kept, make([]byte, 1<<20))
		if len(kept) < 0 {
			return lockgate.Skip("never")
		}
	}
}

// A panic in another goroutine is nothing that the SDK can recover: it ends the instance.
func panicInGoroutine() lockgate.Prepared {
	done := make(chan bool)
	go func() {
		defer close(done)
		panic("the shelf is empty")
	}()
	<-done
	return lockgate.Skip("never")
}

func waitForEver() lockgate.Prepared {
	<-make(chan bool)
	return lockgate.Skip("never")
}

// ofData makes the mistakes that the host finds.
func ofData(mistake string, external lockgate.External) (lockgate.Prepared, error) {
	role := lockgate.NewObject("cms.role", "broken")
	switch {
	case mistake == "wrong-kind":
		return role.Set("rank", lockgate.Text("first")), nil
	case mistake == "wrong-code-name":
		return role.Set("owner", lockgate.Reference("anna")), nil
	case mistake == "child-missing":
		return role.Add(lockgate.NewBinding("cms.userrole")), nil
	case mistake == "several":
		return oneTeam(lockgate.External{Body: []byte(`[{"id": 7}, {"id": 8}]`)})
	case mistake == "set-twice":
		return role.Set("rank", lockgate.Integer(1)).Set("rank", lockgate.Integer(2)), nil
	case strings.HasPrefix(mistake, "["):
		var deep any
		return role, external.JSON(&deep)
	}
	return nil, lockgate.Invalidf("no such mistake: %q", mistake)
}

// Nobody thought of a payload with several.
func oneTeam(external lockgate.External) (lockgate.Prepared, error) {
	var team struct{ ID int }
	if err := external.JSON(&team); err != nil {
		return nil, err
	}
	return lockgate.NewObject("cms.role", fmt.Sprintf("team-%d", team.ID)), nil
}

// InternalObjectParams spells the name as it is not spelt.
func (Broken) InternalObjectParams(id, _ string) (lockgate.ObjectParams, error) {
	return lockgate.ObjectParams{CodeName: id + "-misspelt"}, nil
}

// The component's methods are called by the host; main is not run.
func main() {}
