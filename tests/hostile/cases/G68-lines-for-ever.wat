;; case: G68
;; what: lines are logged for ever
;; expect: fails deadline
;; log: more lines dropped
(module
  (import "lockgate:connector/log@1.1.0" "log" (func $log (param i32 i32 i32)))
  %MEMORY% %METHODS%
  (data (i32.const 4096) "a line of a flood")
  (func $attack (result i32)
    (loop $again (call $log (i32.const 4) (i32.const 4096) (i32.const 17)) (br $again))
    unreachable))
