;; case: G45
;; what: an answer whose own address lies outside of the memory
;; expect: fails bad-output
(module %MEMORY% %METHODS%
  (func $attack (result i32) (i32.const 0x7ffffff0)))
