;; case: G35
;; what: every task takes a good part of its deadline and ends before it
;; expect: stored
;; limits: deadline_ms=100
;; repeats: 50
(module
  %MEMORY% %METHODS%
  (func $attack (result i32)
    (local $n i32)
    (local.set $n (i32.const 40000000))
    (loop $work (br_if $work (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (call $item (i32.const 53) (i32.const 4))))
