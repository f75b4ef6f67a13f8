;; case: G37
;; what: a trap in get-internal-document-params
;; expect: fails trap
(module %MEMORY% %METHODS%
  (func $attack (result i32) (call $refers_to_page))
  (func $document_params (result i32) unreachable))
