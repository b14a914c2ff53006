# As many TABs as are wanted, on six lines: measure.fish SCRIPT ROUNDS.
source $argv[1]
for line in 'inv daos.pool.' 'inv ' 'inv --host=@' 'inv daos.pool.create --' \
        'inv --site=' 'inv daos.pool.query --name='
    for round in (seq $argv[2])
        set -l offers (complete -C $line)
        test (count $offers) -gt 0; or echo "nothing is offered for $line"
    end
end
