;; case: G68
;; what: a hundred thousand lines are logged: the task's log ends at its limit and says so
;; expect: stored
;; log: more lines dropped
;; repeats: 50
(module
  (import "lockgate:connector/log@1.1.0" "log" (func $log (param i32 i32 i32)))
  %MEMORY% %METHODS%
  (data (i32.const 4096) "a line of a flood")
  (func $attack (result i32)
    (local $n i32)
    (loop $again
      (call $log (i32.const 2) (i32.const 4096) (i32.const 17))
      (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100000))))
    (call $item (i32.const 53) (i32.const 4))))
