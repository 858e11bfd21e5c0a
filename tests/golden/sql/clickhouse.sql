-- countered_by is free text: these are its phrases in data 1.0.0
SELECT *
FROM claims
WHERE (hasAny(promotes, ['TAM', '5\'-AMP cell'])
    OR hasAny(opposes, ['TAM', '5\'-AMP cell']))
  AND therapy IN ('radio', 'chemo')
  AND hasAny(refs, [51, 52])
  AND NOT (hasAny(countered_by, ['back\\slash']))
  AND coalesce(note, '') <> ''
ORDER BY n
LIMIT 20
