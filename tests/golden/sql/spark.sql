-- countered_by is free text: these are its phrases in data 1.0.0
SELECT *
FROM claims
WHERE (arrays_overlap(promotes, array('TAM', '5\'-AMP cell'))
    OR arrays_overlap(opposes, array('TAM', '5\'-AMP cell')))
  AND therapy IN ('radio', 'chemo')
  AND arrays_overlap(refs, array(51, 52))
  AND NOT (arrays_overlap(countered_by, array('back\\slash')))
  AND coalesce(note, '') <> ''
ORDER BY n
LIMIT 20
