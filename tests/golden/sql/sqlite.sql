-- countered_by is free text: these are its phrases in data 1.0.0
SELECT *
FROM claims
WHERE (EXISTS (SELECT 1 FROM json_each(promotes) WHERE value IN ('TAM', '5''-AMP cell'))
    OR EXISTS (SELECT 1 FROM json_each(opposes) WHERE value IN ('TAM', '5''-AMP cell')))
  AND therapy IN ('radio', 'chemo')
  AND EXISTS (SELECT 1 FROM json_each(refs) WHERE value IN (51, 52))
  AND NOT (EXISTS (SELECT 1 FROM json_each(countered_by) WHERE value IN ('back\slash')))
  AND coalesce(note, '') <> ''
ORDER BY n
LIMIT 20
