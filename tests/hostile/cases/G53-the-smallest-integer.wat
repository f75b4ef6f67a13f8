;; case: G53
;; what: the smallest integer of 64 bits is kept exactly, not rounded through a float
;; expect: stored
;; says: -9223372036854775807
;; payload: -9223372036854775807
(module %MEMORY% %METHODS%
  (data (i32.const 4096) "whole")
  (func $attack (result i32)
    (drop (call $item (i32.const 53) (i32.const 4)))
    (call $field (i32.const 4096) (i32.const 5))
    (i32.store8 (i32.const 656) (i32.const 2))
    (i32.store (i32.const 664) (global.get $body))
    (i32.store (i32.const 668) (global.get $bytes))
    (i32.const 512)))
