;; case: G57
;; what: handles are taken and never given back
;; expect: fails trap
;; peak-mib: 8
(module
  (import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $subscribe (param i64) (result i32)))
  %MEMORY% %METHODS%
  (func $attack (result i32) (loop $again (drop (call $subscribe (i64.const 1000))) (br $again)) unreachable))
