package cloud

import (
	"unicode/utf8"

	"github.com/vipswap/vipswap/internal/lazyregexp"
)

var (
	dnsLabel     = lazyregexp.New(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`)
	doubleHyphen = lazyregexp.New(`--`)
	accountName  = lazyregexp.New(`^[a-z0-9]{3,24}$`)
	groupName    = lazyregexp.New(`^[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?$`)
	resourceName = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9 ._-]{0,127}$`) // of reserved and virtual IPs, DNS servers; the rule is ours
	propertyName = lazyregexp.New(`^[A-Za-z][A-Za-z0-9_]*$`)
)

// Limits of what a request may hold. Source: the pages of the operations.
const (
	maxLabel             = 100
	maxDescription       = 1024
	maxPropertyName      = 64
	maxPropertyValue     = 255
	maxServiceProperties = 50
	maxRequestProperties = 25
)

// validServiceName reports whether name can be a hosted service: a DNS label of
// 3 to 63 characters without two hyphens in a row.
func validServiceName(name string) bool {
	return len(name) >= 3 && len(name) <= 63 && dnsLabel().MatchString(name) && !doubleHyphen().MatchString(name)
}

// validGroupName reports whether name can be an affinity group: letters, digits
// and hyphens, which begin with a letter and end with none. The length is ours.
func validGroupName(name string) bool {
	return len(name) <= 256 && groupName().MatchString(name)
}

// validDeploymentName reports whether name can be a deployment. Underscores are
// refused by the real service; the length is ours.
func validDeploymentName(name string) bool {
	return len(name) <= 256 && dnsLabel().MatchString(name)
}

// checkLabel refuses a label that is missing, too long or not text.
func checkLabel(label string) *Error {
	n := utf8.RuneCountInString(label)
	if n == 0 || n > maxLabel || !utf8.ValidString(label) {
		return Errorf(BadRequest, "The label must be base64 of UTF-8 text of 1 to %d characters.", maxLabel)
	}
	return nil
}

// checkOptionalLabel is checkLabel for what may have none.
func checkOptionalLabel(label string) *Error {
	if label == "" {
		return nil
	}
	return checkLabel(label)
}

func checkDescription(d *string) *Error {
	if d != nil && utf8.RuneCountInString(*d) > maxDescription {
		return Errorf(BadRequest, "The description is longer than %d characters.", maxDescription)
	}
	return nil
}

// A Property is one extended property. A nil value, in a request, removes it.
type Property struct {
	Name  string
	Value *string
}

// checkProperties refuses properties that are ill named, too long, too many or
// given twice.
func checkProperties(ps []Property, most int) *Error {
	if len(ps) > most {
		return Errorf(BadRequest, "There are %d extended properties; at most %d are allowed.", len(ps), most)
	}
	seen := map[string]bool{}
	for _, p := range ps {
		switch {
		case len(p.Name) > maxPropertyName || !propertyName().MatchString(p.Name):
			return Errorf(BadRequest, "The extended property name '%s' is invalid.", p.Name)
		case p.Value != nil && utf8.RuneCountInString(*p.Value) > maxPropertyValue:
			return Errorf(BadRequest, "The value of the extended property '%s' is longer than %d characters.", p.Name, maxPropertyValue)
		case seen[key(p.Name)]:
			return Errorf(BadRequest, "The extended property '%s' is given twice.", p.Name)
		}
		seen[key(p.Name)] = true
	}
	return nil
}

// mergeProperties returns have with the properties of with replaced, appended
// or, where the value is nil, removed. The order of first appearance is kept.
func mergeProperties(have, with []Property) []Property {
	merged := append([]Property(nil), have...)
	for _, p := range with {
		i := indexProperty(merged, p.Name)
		switch {
		case p.Value == nil && i >= 0:
			merged = append(merged[:i], merged[i+1:]...)
		case p.Value == nil:
		case i >= 0:
			merged[i] = p
		default:
			merged = append(merged, p)
		}
	}
	return merged
}

func indexProperty(ps []Property, name string) int {
	for i, p := range ps {
		if key(p.Name) == key(name) {
			return i
		}
	}
	return -1
}
