;; case: G68
;; what: one line of 100 MB
;; expect: fails output-limit
;; limits: memory_mib=128
;; peak-mib: 8
(module
  (import "lockgate:connector/log@1.1.0" "log" (func $log (param i32 i32 i32)))
  %MEMORY% %METHODS%
  (func $attack (result i32)
    (drop (memory.grow (i32.const 1600)))
    (call $log (i32.const 2) (i32.const 8192) (i32.const 100000000))
    unreachable))
