;; case: G52
;; what: NaN with a payload of its own, and both infinities, as a value
;; expect: fails bad-output
;; payload: n
;; payload: +
;; payload: -
(module %MEMORY% %METHODS%
  (data (i32.const 4096) "real")
  (func $attack (result i32)
    (local $letter i32)
    (local.set $letter (i32.load8_u (global.get $body)))
    (drop (call $item (i32.const 53) (i32.const 4)))
    (call $field (i32.const 4096) (i32.const 4))
    (i32.store8 (i32.const 656) (i32.const 4))
    (f64.store (i32.const 664) (f64.const nan:0x8000000dead))
    (if (i32.eq (local.get $letter) (i32.const 0x2b)) (then (f64.store (i32.const 664) (f64.const inf))))
    (if (i32.eq (local.get $letter) (i32.const 0x2d)) (then (f64.store (i32.const 664) (f64.const -inf))))
    (i32.const 512)))
