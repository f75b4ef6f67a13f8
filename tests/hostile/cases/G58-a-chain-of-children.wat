;; case: G58
;; what: 2,000 children, each the parent of the next one: nothing of the host may walk that deep
;; expect: fails bad-output
;; says: levels of children
;; limits: output_kib=8192
;; data: snapshot
(module %MEMORY% %METHODS%
  (func $attack (result i32)
    (local $n i32) (local $at i32)
    (drop (memory.grow (i32.const 8)))
    (drop (call $object (i32.const 44) (i32.const 9) (i32.const 53) (i32.const 4)))
    (local.set $at (i32.const 131072))
    (loop $again
      (if (local.get $n) (then
        (i32.store8 (local.get $at) (i32.const 1))
        (i32.store offset=4 (local.get $at) (i32.sub (local.get $n) (i32.const 1)))))
      (i32.store offset=8 (local.get $at) (i32.const 44))
      (i32.store offset=12 (local.get $at) (i32.const 9))
      (i32.store offset=16 (local.get $at) (i32.add (i32.const 65536) (i32.mul (local.get $n) (i32.const 4))))
      (i32.store offset=20 (local.get $at) (i32.const 4))
      (i32.store (i32.add (i32.const 65536) (i32.mul (local.get $n) (i32.const 4))) (call $name (local.get $n)))
      (local.set $at (i32.add (local.get $at) (i32.const 56)))
      (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 2000))))
    (i32.store (i32.const 604) (i32.const 131072))
    (i32.store (i32.const 608) (local.get $n))
    (i32.const 512))
  ;; Four letters for a number.
  (func $name (param $n i32) (result i32)
    (i32.add (i32.const 0x61616161) (i32.or
      (i32.or (i32.and (local.get $n) (i32.const 15)) (i32.shl (i32.and (local.get $n) (i32.const 0xf0)) (i32.const 4)))
      (i32.shl (i32.and (local.get $n) (i32.const 0xf00)) (i32.const 8))))))
