;; case: G50
;; what: tags that no variant has: of the result, of what is prepared, of an option, of a value
;; expect: fails bad-output
;; payload: r
;; payload: p
;; payload: o
;; payload: v
(module %MEMORY% %METHODS%
  (func $attack (result i32)
    (local $letter i32)
    (local.set $letter (i32.load8_u (global.get $body)))
    (drop (call $item (i32.const 53) (i32.const 4)))
    (call $field (i32.const 53) (i32.const 4))
    (if (i32.eq (local.get $letter) (i32.const 0x72)) (then (i32.store8 (i32.const 512) (i32.const 5))))
    (if (i32.eq (local.get $letter) (i32.const 0x70)) (then (i32.store8 (i32.const 516) (i32.const 9))))
    (if (i32.eq (local.get $letter) (i32.const 0x6f)) (then (i32.store8 (i32.const 536) (i32.const 2))))
    (if (i32.eq (local.get $letter) (i32.const 0x76)) (then (i32.store8 (i32.const 656) (i32.const 200))))
    (i32.const 512)))
