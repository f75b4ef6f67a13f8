;; case: G02
;; what: a core module where a component is wanted
;; expect: refused invalid-component
;; says: core module
;; form: raw
(module (func (export "run")))
