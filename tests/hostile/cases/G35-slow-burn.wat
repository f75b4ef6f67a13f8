;; case: G35
;; what: every task takes most of its deadline and ends just before it
;; expect: stored
;; limits: deadline_ms=100
;; repeats: 50
(module
  (import "lockgate:connector/clock@1.0.0" "now-ms" (func $now (result f64)))
  %MEMORY% %METHODS%
  (func $attack (result i32)
    (local $end f64)
    (local.set $end (f64.add (call $now) (f64.const 25)))
    (loop $again (br_if $again (f64.lt (call $now) (local.get $end))))
    (call $item (i32.const 53) (i32.const 4))))
