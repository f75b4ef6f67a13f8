package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
)

// application plays the one that the connector calls: it answers as many bytes as it is asked for, in parts, with their digest, and
// sends back what is posted. It answers its address.
func application() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /bytes/{count}", func(out http.ResponseWriter, request *http.Request) {
		count, err := strconv.Atoi(request.PathValue("count"))
		if err != nil || count < 0 {
			http.Error(out, "how many?", http.StatusBadRequest)
			return
		}
		body := make([]byte, count)
		dice := rand.New(rand.NewPCG(uint64(count), 1))
		for at := range body {
			body[at] = byte(dice.Uint32())
		}
		digest := sha256.Sum256(body)
		out.Header().Set("x-digest", hex.EncodeToString(digest[:]))
		for len(body) > 0 {
			part := min(len(body), 1+dice.IntN(20_000))
			if _, err := out.Write(body[:part]); err != nil {
				return
			}
			out.(http.Flusher).Flush()
			body = body[part:]
		}
	})
	mux.HandleFunc("POST /echo", func(out http.ResponseWriter, request *http.Request) {
		// In whole before the answer begins: what is left of a request then is thrown away.
		if body, err := io.ReadAll(request.Body); err == nil {
			_, _ = out.Write(body)
		}
	})
	go func() { _ = http.Serve(listener, mux) }()
	return "http://" + listener.Addr().String(), nil
}
