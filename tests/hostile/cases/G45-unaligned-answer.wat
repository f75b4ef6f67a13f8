;; case: G45
;; what: an answer at an address that is not aligned
;; expect: fails bad-output
(module %MEMORY% %METHODS%
  (func $attack (result i32) (i32.const 513)))
