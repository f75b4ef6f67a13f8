;; case: G45
;; what: an answer with a list whose length in bytes overflows 32 bits
;; expect: fails bad-output
(module %MEMORY% %METHODS%
  (func $attack (result i32)
    (drop (call $item (i32.const 53) (i32.const 4)))
    (i32.store (i32.const 596) (i32.const 8192))
    (i32.store (i32.const 600) (i32.const 0x20000000))
    (i32.const 512)))
