-- Prosody grants the slots, Ferry has the files: for /etc/prosody/prosody.cfg.lua. In ferryd.conf:
--   [http]      public_url = https://files.example.org
--   [external]  secret_file = /etc/ferryd/slots.secret
-- The sizes are limited by both: http_file_share_size_limit is what clients are told, [storage] max_file_size what is taken.

-- Prosody 0.12 and later, with its own module. Quotas are kept by both; expires_after is honoured by Ferry.
Component "upload.example.org" "http_file_share"
	http_file_share_base_url = "https://files.example.org/upload"
	http_file_share_secret = "the first line of Ferry's secret_file"
	http_file_share_size_limit = 100 * 1024 * 1024
	http_file_share_access = { "localhost" } -- your domains

-- or:
-- with mod_http_upload_external of prosody-modules, where it worked with prosody-filer, xmpp-http-upload or ngx_http_upload
Component "upload.example.org" "http_upload_external"
	http_upload_external_base_url = "https://files.example.org/upload/"
	http_upload_external_secret = "the first line of Ferry's secret_file"
	http_upload_external_protocol = "v2" -- the type is signed too; without this line v1
	http_upload_external_file_size_limit = 100 * 1024 * 1024
	http_upload_external_access = { "localhost" } -- your domains
