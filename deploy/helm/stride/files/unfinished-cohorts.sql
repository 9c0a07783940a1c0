select count(*) from stride.cohorts join stride.studies using (study_key)
where cohorts.state in ('planned', 'running') and studies.state = 'running'
