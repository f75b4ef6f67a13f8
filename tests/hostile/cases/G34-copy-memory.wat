;; case: G34
;; what: 15 MiB of memory are moved by one byte again and again, each time by one instruction
;; expect: fails deadline
(module %MEMORY% %METHODS%
  (func $attack (result i32)
    (drop (memory.grow (i32.const 238)))
    (loop $again (memory.copy (i32.const 1) (i32.const 0) (i32.const 15728639)) (br $again))
    unreachable))
