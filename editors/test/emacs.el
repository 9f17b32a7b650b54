;;; Tests the installed mode in Emacs.  -*- lexical-binding: t -*-
;; In: folders in environment variables.  Out: one line per check, and the exit code.

(defvar test-data (getenv "FUNNEL_DATA"))
(defvar test-project (getenv "FUNNEL_PROJECT"))
(defvar test-failed nil)

(defmacro try (what &rest body)
  "Report the check WHAT: it passes if BODY returns t, any other result is the error."
  `(let ((result (condition-case fault (progn ,@body) (error (format "%S" fault)))))
     (princ (if (eq result t) (format "ok %s\n" ,what) (format "FAILED %s: %s\n" ,what result)))
     (unless (eq result t) (setq test-failed t))))

(defun test-wait (is)
  "Wait until IS returns non-nil, or for a minute; return its result."
  (let ((end (+ (float-time) 60)) result)
    (while (and (not (setq result (funcall is))) (< (float-time) end)) (accept-process-output nil 0.05))
    result))

(defun test-line (file number)
  "Return line NUMBER of FILE on disk."
  (with-temp-buffer
    (insert-file-contents (expand-file-name file test-project))
    (forward-line (1- number))
    (buffer-substring (point) (line-end-position))))

(load (expand-file-name "init.el" user-emacs-directory) nil t)
(require 'eglot)
(require 'flymake)
(setq native-comp-enable-subr-trampolines nil eglot-sync-connect 60 make-backup-files nil create-lockfiles nil eglot-confirm-server-edits nil
      eglot-confirm-server-initiated-edits nil eglot-events-buffer-size 0)

;; The faces of each kind of token.
(defconst test-kinds
  '(("doc" font-lock-doc-face) ("comment" font-lock-comment-face)
    ("keyword" font-lock-keyword-face font-lock-constant-face font-lock-type-face)
    ("name" font-lock-function-name-face font-lock-function-call-face font-lock-builtin-face font-lock-type-face
     font-lock-constant-face font-lock-variable-name-face font-lock-variable-use-face font-lock-property-use-face
     font-lock-property-name-face)
    ("text" font-lock-string-face) ("escape" font-lock-escape-face) ("number" font-lock-number-face)
    ("operator" font-lock-operator-face) ("hole" font-lock-misc-punctuation-face) ("bracket" font-lock-bracket-face)
    ("separator" font-lock-delimiter-face)))

(defun test-colors (name)
  "Return t if the sample NAME is highlighted as expected, otherwise the errors."
  (find-file (expand-file-name (concat "highlight/" name ".funnel") test-data))
  (unless (and (eq major-mode 'funnel-mode) (treesit-parser-list)) (error "no tree"))
  (font-lock-ensure)
  (let ((buffer (current-buffer)) wrong (count 0))
    (with-temp-buffer
      (insert-file-contents (expand-file-name (concat "highlight/" name ".tokens") test-data))
      (while (re-search-forward "^\\([0-9]+\\):\\([0-9]+\\) \\([a-z]+\\) .*$" nil t)
        (let ((row (match-string 0)) (line (string-to-number (match-string 1)))
              (column (string-to-number (match-string 2))) (kind (match-string 3)))
          (with-current-buffer buffer
            (goto-char (point-min))
            (forward-line (1- line))
            (let ((face (get-text-property (+ (point) (1- column)) 'face)))
              (setq count (1+ count))
              (unless (memq (if (consp face) (car face) face) (cdr (assoc kind test-kinds)))
                (push (format "%s but is %s" row face) wrong)))))))
    (or (and (null wrong) (> count 150)) (format "%S" wrong))))

(try "highlighting of plain" (test-colors "plain"))
(try "highlighting of soft" (test-colors "soft"))

(try "highlighting without a parser"
  (let ((ready (symbol-function 'treesit-ready-p)))
    (unwind-protect
        (with-temp-buffer
          (fset 'treesit-ready-p #'ignore)
          (insert "funnel asking {\n  on booking -> wait 24h -> send sms \"Hi\" # why\n}\n")
          (funnel-mode)
          (font-lock-ensure)
          (let ((faces (mapcar (lambda (word)
                                 (goto-char (point-min))
                                 (search-forward word)
                                 (get-text-property (match-beginning 0) 'face))
                               '("funnel" "asking" "booking" "wait" "24h" "Hi" "why"))))
            (or (equal faces '(font-lock-keyword-face font-lock-function-name-face nil font-lock-keyword-face
                               font-lock-constant-face font-lock-string-face font-lock-comment-face))
                (format "%S" faces))))
      (fset 'treesit-ready-p ready))))

(try "indentation of formatted files"
  (let (wrong)
    (dolist (file (file-expand-wildcards (expand-file-name "*/*.funnel" (getenv "FUNNEL_EXAMPLES"))))
      (with-temp-buffer
        (insert-file-contents file)
        (funnel-mode)
        (let ((before (buffer-string)) (inhibit-message t))
          (indent-region (point-min) (point-max))
          (unless (equal before (buffer-string)) (push file wrong)))))
    (or (null wrong) (format "%S" wrong))))

(try "the position of a finding"
  (find-file (expand-file-name "came.funnel" test-project))
  (eglot-ensure)
  (run-hooks 'post-command-hook)
  (test-wait #'eglot-current-server)
  (flymake-mode 1)
  (flymake-start)
  (let ((finding (test-wait (lambda () (car (flymake-diagnostics))))))
    (or (and finding (string-search "attendd" (flymake-diagnostic-text finding))
             (equal "attendd" (buffer-substring (flymake-diagnostic-beg finding) (flymake-diagnostic-end finding))))
        (format "%S" finding))))

(defun test-request (method)
  "Send the request METHOD at point to the server."
  (jsonrpc-request (eglot-current-server) method (eglot--TextDocumentPositionParams) :timeout 60))

(try "hover"
  (goto-char (point-min))
  (search-forward "wait")
  (let ((answer (test-request :textDocument/hover)))
    (or (and (string-search "wait" (format "%S" answer)) t) (format "%S" answer))))

(try "a quick fix"
  (goto-char (point-min))
  (search-forward "attendd")
  (backward-char 2)
  (let ((actions (eglot-code-actions (point) (point) "quickfix")))
    (unless actions (error "no action"))
    (eglot-execute (eglot-current-server) (car actions)))
  ;; Emacs sends changes when it is idle, which it never is here.
  (eglot--signal-textDocument/didChange)
  (test-wait (lambda () (string-search "if attended ->" (buffer-string))))
  (or (and (string-search "if attended ->" (buffer-string))
           (test-wait (lambda () (null (flymake-diagnostics))))
           t)
      (string-replace "\n" " " (format "%s %S" (buffer-string) (flymake-diagnostics)))))

(try "rename in two files"
  (goto-char (point-min))
  (search-forward "sms than")
  (eglot-rename "gratitude")
  (save-some-buffers t)
  (let ((words (test-line "words.funnel" 1)) (came (test-line "came.funnel" 2)))
    (or (and (string-search "template sms gratitude(" words) (string-search "send sms gratitude" came) t)
        (concat words came))))

(try "completion in a placeholder"
  (find-file (expand-file-name "words.funnel" test-project))
  (goto-char (point-max))
  (insert "template sms more(booking) = \"Dear {{ client. }}\"\n")
  (search-backward " }}")
  (eglot--signal-textDocument/didChange)
  (let* ((answer (test-request :textDocument/completion))
         (items (if (vectorp answer) answer (plist-get answer :items)))
         (labels (mapcar (lambda (item) (plist-get item :label)) items)))
    (set-buffer-modified-p nil)
    (kill-buffer)
    (or (and (member "name" labels) (member "phone" labels) t) (format "%S" labels))))

(try "formatting on save"
  (find-file (expand-file-name "layout.funnel" test-project))
  (eglot-ensure)
  (run-hooks 'post-command-hook)
  (test-wait #'eglot-current-server)
  (set-buffer-modified-p t)
  (save-buffer)
  (let ((line (test-line "layout.funnel" 2)))
    (or (and (string-match-p "\\`  on visit -> wait 3d -> send sms" line) t) line)))

(kill-emacs (if test-failed 1 0))
