-- countered_by is free text: these are its phrases in data 1.0.0
SELECT *
FROM claims
WHERE (list_has_any(promotes, ['TAM', '5''-AMP cell'])
    OR list_has_any(opposes, ['TAM', '5''-AMP cell']))
  AND therapy IN ('radio', 'chemo')
  AND list_has_any(refs, [51, 52])
  AND NOT (list_has_any(countered_by, ['back\slash']))
  AND coalesce(note, '') <> ''
ORDER BY n
LIMIT 20
