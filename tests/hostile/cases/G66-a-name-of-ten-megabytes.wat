;; case: G66
;; what: a code name of 10 MB to look up, and an empty one
;; expect: fails bad-output
;; limits: output_kib=16384
;; kept-mib: 24
;; payload: long
;; payload: empty
(module %MEMORY% %METHODS%
  (func $attack (result i32) (call $refers_to_object))
  (func $object_params (result i32)
    (drop (memory.grow (i32.const 155)))
    (memory.fill (i32.const 512) (i32.const 0) (i32.const 64))
    (i32.store (i32.const 516) (i32.const 131072))
    (if (i32.eq (i32.load8_u (global.get $body)) (i32.const 0x6c)) (then
      (memory.fill (i32.const 131072) (i32.const 120) (i32.const 10000000))
      (i32.store (i32.const 520) (i32.const 10000000))))
    (i32.const 512)))
