;;; funnel-mode.el --- Funnels: marketing automation as code -*- lexical-binding: t -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1"))
;; Keywords: languages
;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; A mode for files that end in `.funnel'.  Highlighting uses the tree-sitter parser and the queries of highlights.scm
;; next to this file, or regular expressions if Emacs has no parser.  `eglot' connects to the language server,
;; `funnelc lsp', for findings with quick fixes, completion, hover, rename and formatting.

;;; Code:

(require 'treesit nil t)

(defvar eglot-server-programs)
(defvar project-vc-extra-root-markers)
(declare-function eglot-managed-p "eglot")
(declare-function eglot-format-buffer "eglot")
(declare-function treesit-ready-p "treesit")
(declare-function treesit-parser-create "treesit.c")
(declare-function treesit-font-lock-rules "treesit")
(declare-function treesit-major-mode-setup "treesit")
(declare-function treesit-node-child-by-field-name "treesit.c")
(declare-function treesit-node-text "treesit")

(defgroup funnel nil
  "Funnels: marketing automation as code."
  :group 'languages)

(defcustom funnel-program "funnelc"
  "Path of funnelc, or a name to look up in variable `exec-path'."
  :type 'string)

(defcustom funnel-language nil
  "Language of findings."
  :type '(choice (const :tag "From the environment" nil)
                 (const :tag "English" "en")
                 (const :tag "Russian" "ru")))

(defcustom funnel-format-on-save t
  "Whether to format a funnel when it is saved."
  :type 'boolean)

(defvar funnel--folder (file-name-directory (or load-file-name buffer-file-name default-directory))
  "The folder of this file.")

(defun funnel-command (&rest arguments)
  "Return the command line that runs funnelc with ARGUMENTS, as a list."
  (append (list funnel-program) (and funnel-language (list "--lang" funnel-language)) arguments))

;;; Tree-sitter highlighting

(defconst funnel--faces
  '(("comment.documentation" . font-lock-doc-face)
    ("comment" . font-lock-comment-face)
    ("string.escape" . font-lock-escape-face)
    ("string.special" . font-lock-constant-face)
    ("string" . font-lock-string-face)
    ("escape" . font-lock-escape-face)
    ("constant.builtin" . font-lock-constant-face)
    ("constant" . font-lock-constant-face)
    ("boolean" . font-lock-constant-face)
    ("number" . font-lock-number-face)
    ("keyword" . font-lock-keyword-face)
    ("operator" . font-lock-operator-face)
    ("function.builtin" . font-lock-builtin-face)
    ("function.call" . font-lock-function-call-face)
    ("function.method" . font-lock-function-call-face)
    ("function" . font-lock-function-name-face)
    ("type" . font-lock-type-face)
    ("module" . font-lock-type-face)
    ("tag" . font-lock-type-face)
    ("variable.builtin" . font-lock-builtin-face)
    ("variable.parameter" . font-lock-variable-name-face)
    ("variable.member" . font-lock-property-use-face)
    ("variable" . font-lock-variable-use-face)
    ("property" . font-lock-property-use-face)
    ("attribute" . font-lock-property-name-face)
    ("label" . font-lock-property-name-face)
    ("punctuation.special" . font-lock-misc-punctuation-face)
    ("punctuation.bracket" . font-lock-bracket-face)
    ("punctuation.delimiter" . font-lock-delimiter-face)
    ("punctuation" . font-lock-punctuation-face))
  "The faces of captures.  The longest matching prefix of a capture name wins.")

(defun funnel--face (capture)
  "Return the face of CAPTURE, or nil if it has none."
  (let ((name capture) face)
    (while (and name (not (setq face (cdr (assoc name funnel--faces)))))
      (setq name (and (string-match "\\(.*\\)\\.[^.]*\\'" name) (match-string 1 name))))
    (cond ((null face) nil)
          ((facep face) face)
          ;; Emacs 28 has fewer faces.
          (t 'font-lock-variable-name-face))))

(defun funnel--query ()
  "Return the queries of highlights.scm with faces as captures.
Return nil if the file does not exist."
  (let ((file (expand-file-name "highlights.scm" funnel--folder)))
    (when (file-readable-p file)
      (with-temp-buffer
        (insert-file-contents file)
        (while (re-search-forward "@\\([[:alnum:]_.-]+\\)" nil t)
          (unless (nth 4 (syntax-ppss (match-beginning 0)))
            (let ((face (save-match-data (funnel--face (match-string 1)))))
              (replace-match (if face (concat "@" (symbol-name face)) "@funnel--none") t t))))
        ;; Emacs has different names for predicates.
        (goto-char (point-min))
        (while (re-search-forward "#\\(eq\\|match\\|any-of\\)\\?" nil t)
          (replace-match (if (equal (match-string 1) "eq") "#equal" "#match") t t))
        (buffer-string)))))

(defun funnel--none (&rest _)
  "Highlight nothing, for captures without a face.")

(defun funnel--use-tree ()
  "Use tree-sitter for highlighting and the index if there is a parser.
Return whether it is used."
  (when-let* ((ready (and (fboundp 'treesit-ready-p) (treesit-ready-p 'funnel t)))
              (query (funnel--query)))
    (treesit-parser-create 'funnel)
    (setq-local treesit-font-lock-settings
                (treesit-font-lock-rules :language 'funnel :feature 'funnel :override t query))
    (setq-local treesit-font-lock-feature-list '((funnel)))
    (setq-local treesit-simple-imenu-settings
                (mapcar (lambda (row) (list (car row) (format "\\`%s_declaration\\'" (cdr row)) nil #'funnel--name))
                        '(("Funnel" . "funnel") ("Event" . "event") ("Segment" . "segment") ("Template" . "template")
                          ("Action" . "action") ("Constant" . "const") ("Test" . "test"))))
    (setq-local treesit-defun-type-regexp "_declaration\\'\\|\\`entry\\'")
    (treesit-major-mode-setup)
    t))

(defun funnel--name (node)
  "Return the name that NODE declares."
  (when-let* ((name (or (treesit-node-child-by-field-name node "name")
                        (treesit-node-child-by-field-name node "title"))))
    (treesit-node-text name t)))

;;; Highlighting by regular expressions

(eval-and-compile
  (defconst funnel--name-rx "[_[:alpha:]][_[:alnum:]]*"))

(defconst funnel--item-words
  '("use" "const" "client" "event" "segment" "template" "action" "funnel" "test"))

(defconst funnel--setting-words
  '("purpose" "timezone" "hours" "enter" "limit" "exit" "goal" "upgrade"))

(defconst funnel--element-words
  '("if" "match" "split" "parallel" "repeat" "wait" "send" "set" "tag" "untag" "task" "call" "do" "emit" "start" "goto"
    "stop"))

(defconst funnel--joining-words
  '("on" "every" "as" "at" "by" "from" "for" "in" "last" "no" "or" "and" "not" "is" "known" "missing" "contains" "starts" "with"
    "matches" "where" "while" "else" "up" "to" "per" "after" "until" "before" "within" "worth" "due" "later" "key" "day" "times" "skip"
    "always" "once" "again" "defer" "entering" "leaving" "containing" "nothing" "given" "fails" "answers" "case" "otherwise" "path" "expect" "list"
    "file"))

(defconst funnel--constant-words
  '("true" "false" "now" "today" "tomorrow" "monday" "tuesday" "wednesday" "thursday" "friday" "saturday" "sunday"
    "weekday" "weekend"))

(defconst funnel--font-lock
  `((,(concat "\\.\\(" funnel--name-rx "\\)") 1 font-lock-variable-name-face)
    (,(concat "\\_<\\(" funnel--name-rx "\\)[ \t]*:") 1 font-lock-variable-name-face)
    (,(concat "^[ \t]*" (regexp-opt funnel--item-words t) "[ \t]+\\(?:" funnel--name-rx "[ \t]+\\)?\\(" funnel--name-rx "\\)")
     (1 font-lock-keyword-face) (2 font-lock-function-name-face))
    (,(concat "^[ \t]*" (regexp-opt funnel--item-words t) "[ \t]*[{\"]") 1 font-lock-keyword-face)
    (,(concat "^[ \t]*" (regexp-opt funnel--setting-words t) "[ \t]") 1 font-lock-keyword-face)
    (,(concat "\\_<\\(?:send\\|emit\\|start\\|goto\\|do\\)[ \t]+\\(" funnel--name-rx "\\)") 1 font-lock-type-face)
    (,(regexp-opt (append funnel--element-words funnel--joining-words) 'symbols) . font-lock-keyword-face)
    (,(regexp-opt funnel--constant-words 'symbols) . font-lock-constant-face)
    ("{{[ \t]*\\(end\\)[ \t]*}}" 1 font-lock-keyword-face t)
    (,(concat "\\_<\\(" funnel--name-rx "\\)(") 1 font-lock-function-name-face)
    ("\\_<[0-9][-0-9_.:]*\\(?:[ \t]+[A-Z]\\{3\\}\\_>\\|%\\|[smhdwy]\\|mo\\)*" . font-lock-constant-face)
    ("->" . font-lock-builtin-face))
  "Highlighting without a parser.")

;;; Syntax table and strings

(defvar funnel-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?# "<" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?_ "_" table)
    (modify-syntax-entry ?\" "." table)
    (modify-syntax-entry ?' "." table)
    (modify-syntax-entry ?\\ "." table)
    (dolist (character '(?- ?+ ?* ?/ ?< ?> ?= ?! ?| ?? ?% ?&)) (modify-syntax-entry character "." table))
    table)
  "Syntax table of `funnel-mode'.")

(defconst funnel--text
  (let ((part "\\(?:[^\"\\{\n]\\|\\\\.\\|{[^{\"\n]\\|{{[^}\n]*}}\\)*"))
    (concat "\\(\"\\)\"\"\\(?:[^\"\\]\\|\\\\\\(?:.\\|\n\\)\\|\"\"?[^\"]\\)*\"\"\\(\"\\)\\|\\(\"\\)" part "\\(\"\\)"))
  "A string, block or on one line, including strings in its placeholders.")

(defun funnel--propertize (start end)
  "Mark the quotes of strings between START and END."
  (goto-char start)
  (while (and (< (point) end) (re-search-forward (concat "#.*\\|" funnel--text) nil t))
    (put-text-property (match-beginning 0) (match-end 0) 'syntax-multiline t)
    (dolist (group '(1 2 3 4))
      (when (match-beginning group)
        (put-text-property (match-beginning group) (match-end group) 'syntax-table (string-to-syntax "|"))))))

;;; Indentation

(defconst funnel--paths-rx "\\_<\\(funnel\\|match\\|split\\|parallel\\)\\_>[^{]*"
  "Text before a brace that contains several paths instead of one chain.")

(defun funnel--base ()
  "Return the base column of a block that opens on this line.
It is after the arrow, if there is one."
  (+ (current-indentation) (if (save-excursion (back-to-indentation) (looking-at-p "->")) 3 0)))

(defun funnel--column ()
  "Return the column of this line as `funnelc fmt' formats it.
Return nil inside a string."
  (save-excursion
    (back-to-indentation)
    ;; A comment is indented like the line below it, or like the block that ends there.
    (let ((comment (looking-at-p "#")))
      (while (and (looking-at-p "#") (zerop (forward-line))) (back-to-indentation))
      (let* ((state (syntax-ppss))
             (opener (nth 1 state))
             (closes (and (looking-at-p "[])}]") (not comment)))
             (arrow (looking-at-p "->")))
        (cond
         ((nth 3 state) nil)
         ((null opener) (if arrow 2 0))
         (t (goto-char opener)
            (let ((paths (looking-back funnel--paths-rx (line-beginning-position))))
              (+ (funnel--base) (cond (closes 0) ((and arrow paths) 4) (t 2))))))))))

(defun funnel-indent-line ()
  "Indent this line."
  (let ((column (funnel--column)))
    (if (null column)
        'noindent
      (if (<= (current-column) (current-indentation))
          (indent-line-to column)
        (save-excursion (indent-line-to column))))))

;;; Commands

(defun funnel--run (buffer &rest arguments)
  "Run funnelc with ARGUMENTS and show its output in BUFFER."
  (when buffer-file-name (save-buffer))
  (let ((words (apply #'funnel-command arguments)))
    (with-current-buffer (get-buffer-create buffer)
      (let ((inhibit-read-only t))
        (erase-buffer)
        (apply #'call-process (car words) nil t nil (cdr words))
        (goto-char (point-min))
        (special-mode))
      (display-buffer (current-buffer)))))

(defun funnel-test (filter)
  "Run the tests of this file whose title contains FILTER, or all."
  (interactive "sTests whose title contains (empty for all): ")
  (apply #'funnel--run "*funnelc test*" "test" buffer-file-name
         (unless (string-empty-p filter) (list "--filter" filter))))

(defun funnel-explain (code)
  "Explain the finding CODE."
  (interactive "sCode: ")
  (funnel--run "*funnelc explain*" "explain" code))

(defun funnel-graph ()
  "Draw the funnels of this file."
  (interactive)
  (let* ((picture (make-temp-file "funnel-" nil ".svg"))
         (words (funnel-command "graph" "--format" "svg" (progn (save-buffer) buffer-file-name))))
    (if (zerop (apply #'call-process (car words) nil (list :file picture) nil (cdr words)))
        (if (display-graphic-p) (find-file-other-window picture) (browse-url-of-file picture))
      (funnel--run "*funnelc graph*" "graph" buffer-file-name))))

(defun funnel--format ()
  "Format this buffer before it is saved.
This needs a running language server."
  (when (and funnel-format-on-save (fboundp 'eglot-managed-p) (eglot-managed-p))
    (eglot-format-buffer)))

(defvar funnel-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "C-c C-t") #'funnel-test)
    (define-key map (kbd "C-c C-g") #'funnel-graph)
    (define-key map (kbd "C-c C-e") #'funnel-explain)
    map)
  "Keymap of `funnel-mode'.")

;;;###autoload
(define-derived-mode funnel-mode prog-mode "Funnel"
  "Major mode for funnels."
  (setq-local comment-start "# ")
  (setq-local comment-start-skip "#+[ \t]*")
  (setq-local indent-tabs-mode nil)
  (setq-local indent-line-function #'funnel-indent-line)
  (setq-local electric-indent-chars (append '(?} ?\] ?\) ?>) electric-indent-chars))
  (setq-local syntax-propertize-function #'funnel--propertize)
  (add-hook 'syntax-propertize-extend-region-functions #'syntax-propertize-multiline 'append t)
  (add-hook 'before-save-hook #'funnel--format nil t)
  (unless (funnel--use-tree)
    (setq-local font-lock-defaults '(funnel--font-lock))
    (setq-local imenu-generic-expression
                `((nil ,(concat "^[ \t]*" (regexp-opt funnel--item-words) "[ \t]+\\(?:" funnel--name-rx "[ \t]+\\)?\\("
                                funnel--name-rx "\\)")
                       1)))))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.funnel\\'" . funnel-mode))

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               '((funnel-mode :language-id "funnel") . (lambda (&rest _) (funnel-command "lsp")))))

;; Emacs 29 and newer.
(with-eval-after-load 'project
  (when (boundp 'project-vc-extra-root-markers)
    (add-to-list 'project-vc-extra-root-markers "funnel.toml")))

(provide 'funnel-mode)
;;; funnel-mode.el ends here
