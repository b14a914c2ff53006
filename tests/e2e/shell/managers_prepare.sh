# A host that builds images with dnf, and has nothing of Confluent or xCAT.
rm -rf /var/lib/confluent-docker /var/lib/fairlead-images
echo '%_dbpath /var/lib/rpm' >/root/.rpmmacros
