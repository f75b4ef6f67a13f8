;; case: G31
;; what: infinite recursion
;; expect: fails stack-overflow
(module %MEMORY% %METHODS%
  (func $attack (result i32) (call $down (i32.const 0)))
  (func $down (param i32) (result i32)
    (i32.add (call $down (i32.add (local.get 0) (i32.const 1))) (i32.const 1))))
