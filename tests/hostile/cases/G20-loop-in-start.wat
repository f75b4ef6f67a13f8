;; case: G20
;; what: an infinite loop in the start function
;; expect: fails deadline
;; behaves: never
(module %MEMORY% %METHODS%
  (func $attack (result i32) unreachable)
  (func $loop (loop $again (br $again)))
  (start $loop))
