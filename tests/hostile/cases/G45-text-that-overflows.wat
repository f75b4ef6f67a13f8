;; case: G45
;; what: an answer whose text's address and length overflow 32 bits
;; expect: fails bad-output
(module %MEMORY% %METHODS%
  (func $attack (result i32) (call $skip (i32.const -1) (i32.const -1))))
