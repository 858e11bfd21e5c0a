-- countered_by is free text: these are its phrases in data 1.0.0
SELECT *
FROM claims
WHERE (ARRAYS_OVERLAP(promotes, ARRAY_CONSTRUCT('TAM', '5\'-AMP cell'))
    OR ARRAYS_OVERLAP(opposes, ARRAY_CONSTRUCT('TAM', '5\'-AMP cell')))
  AND therapy IN ('radio', 'chemo')
  AND ARRAYS_OVERLAP(refs, ARRAY_CONSTRUCT(51, 52))
  AND NOT (ARRAYS_OVERLAP(countered_by, ARRAY_CONSTRUCT('back\\slash')))
  AND coalesce(note, '') <> ''
ORDER BY n
LIMIT 20
