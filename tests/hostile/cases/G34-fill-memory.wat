;; case: G34
;; what: 15 MiB of memory are filled again and again, each time by one instruction
;; expect: fails deadline
(module %MEMORY% %METHODS%
  (func $attack (result i32)
    (drop (memory.grow (i32.const 238)))
    (loop $again (memory.fill (i32.const 0) (i32.const 7) (i32.const 15728640)) (br $again))
    unreachable))
