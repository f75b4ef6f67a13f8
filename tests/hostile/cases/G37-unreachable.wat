;; case: G37
;; what: a trap, with functions' names to be told
;; expect: fails trap
;; says: unreachable
;; says: deep_inside < attack
(module %MEMORY% %METHODS%
  (func $attack (result i32) (call $deep_inside))
  (func $deep_inside (result i32) unreachable))
