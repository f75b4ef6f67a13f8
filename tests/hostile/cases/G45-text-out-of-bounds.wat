;; case: G45
;; what: an answer whose text begins in the memory and ends outside of it
;; expect: fails bad-output
(module %MEMORY% %METHODS%
  (func $attack (result i32) (call $skip (i32.const 130000) (i32.const 130000))))
