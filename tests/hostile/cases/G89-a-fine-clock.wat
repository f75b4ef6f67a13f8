;; case: G89
;; what: the clocks of WASI are read a thousand times in search of anything finer than a millisecond
;; expect: stored
(module
  (import "wasi:clocks/monotonic-clock@0.2.0" "now" (func $now (result i64)))
  (import "wasi:clocks/monotonic-clock@0.2.0" "resolution" (func $resolution (result i64)))
  (import "wasi:clocks/wall-clock@0.2.0" "now" (func $wall (param i32)))
  %MEMORY% %METHODS%
  (func $attack (result i32)
    (local $n i32)
    (if (i64.lt_u (call $resolution) (i64.const 1000000)) (then unreachable))
    (loop $again
      (if (i64.ne (i64.rem_u (call $now) (i64.const 1000000)) (i64.const 0)) (then unreachable))
      (call $wall (i32.const 4096))
      (if (i32.rem_u (i32.load (i32.const 4104)) (i32.const 1000000)) (then unreachable))
      (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 1000))))
    (call $item (i32.const 53) (i32.const 4))))
