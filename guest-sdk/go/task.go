package lockgate

import "lockgate.dev/lockgate/internal/host"

// TaskTitle is what people call the task in lists, in any of the three methods; not ok: whoever submitted it gave it no title.
func TaskTitle() (title string, ok bool) {
	return host.TaskTitle()
}

// TaskFileName is the name of the file that the external object was read from, without folders; not ok: not known, or no file.
func TaskFileName() (name string, ok bool) {
	return host.TaskFileName()
}

// TaskSite is the external id of the site that the task belongs to, for the methods that are not handed the task; not ok: global.
func TaskSite() (externalID string, ok bool) {
	return host.TaskSite()
}
