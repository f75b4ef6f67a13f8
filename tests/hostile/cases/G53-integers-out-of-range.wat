;; case: G53
;; what: integers beyond 64 bits, or written in other ways than in decimal digits
;; expect: fails bad-output
;; says: fields[whole]
;; payload: 9223372036854775808
;; payload: -9223372036854775809
;; payload: 1e5
;; payload: 0x10
;; payload: NaN
;; payload: ١٢
(module %MEMORY% %METHODS%
  (data (i32.const 4096) "whole")
  (func $attack (result i32)
    (drop (call $item (i32.const 53) (i32.const 4)))
    (call $field (i32.const 4096) (i32.const 5))
    (i32.store8 (i32.const 656) (i32.const 2))
    (i32.store (i32.const 664) (global.get $body))
    (i32.store (i32.const 668) (global.get $bytes))
    (i32.const 512)))
