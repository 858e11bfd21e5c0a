-- countered_by is free text: these are its phrases in data 1.0.0
SELECT *
FROM claims
WHERE (EXISTS (SELECT 1 FROM UNNEST(promotes) AS item WHERE item IN ('TAM', '5\'-AMP cell'))
    OR EXISTS (SELECT 1 FROM UNNEST(opposes) AS item WHERE item IN ('TAM', '5\'-AMP cell')))
  AND therapy IN ('radio', 'chemo')
  AND EXISTS (SELECT 1 FROM UNNEST(refs) AS item WHERE item IN (51, 52))
  AND NOT (EXISTS (SELECT 1 FROM UNNEST(countered_by) AS item WHERE item IN ('back\\slash')))
  AND coalesce(note, '') <> ''
ORDER BY n
LIMIT 20
