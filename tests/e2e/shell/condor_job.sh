# MANAGER WORKER SECONDS: submits a job that sleeps on this worker.
docker exec -i -u atlas001 "$1" sh -c 'cd /tmp && condor_submit' 2>&1 <<END
executable = /bin/sleep
arguments = $3
transfer_executable = false
should_transfer_files = yes
request_cpus = 1
request_memory = 16
request_disk = 16
requirements = regexp("^$2[.]", Machine)
queue
END
