package main

import (
	"context"
	"fmt"
	"os"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	metavalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

// borrowed are kinds of an API whose schema is only published under the group that stores its objects: Calico's API
// server takes projectcalico.org/v3 and keeps crd.projectcalico.org/v1, with the same spec.
var borrowed = map[string]string{"projectcalico.org/v3": "crd.projectcalico.org/v1"}

// Schema is one version of one kind.
type Schema struct {
	namespaced bool
	structural *structuralschema.Structural
	values     validation.SchemaValidator
	rules      *cel.Validator
}

// Schemas are by apiVersion and kind.
type Schemas map[string]*Schema

func (s Schemas) load(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var definition apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(text, &definition); err != nil {
		return err
	}
	for _, version := range definition.Spec.Versions {
		var props apiextensions.JSONSchemaProps
		err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(
			version.Schema.OpenAPIV3Schema, &props, nil)
		if err != nil {
			return err
		}
		structural, err := structuralschema.NewStructural(&props)
		if err != nil {
			return err
		}
		values, _, err := validation.NewSchemaValidator(&props)
		if err != nil {
			return err
		}
		s[fmt.Sprintf("%s/%s %s", definition.Spec.Group, version.Name, definition.Spec.Names.Kind)] = &Schema{
			namespaced: definition.Spec.Scope == apiextensionsv1.NamespaceScoped,
			structural: structural,
			values:     values,
			rules:      cel.NewValidator(structural, true, celconfig.PerCallLimit),
		}
	}
	return nil
}

// errorsOf decides in the order of an API server with strict field validation: unknown fields, defaults, metadata,
// values, lists, CEL rules.
func (s Schemas) errorsOf(text []byte) []string {
	found := []string{}
	document, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return append(found, err.Error())
	}
	var object map[string]any
	// The API server's own decoder keeps whole numbers whole.
	if err := json.Unmarshal(document, &object); err != nil {
		return append(found, err.Error())
	}
	schema := s.of(object)
	if schema == nil {
		return append(found, fmt.Sprintf("no schema for %v %v", object["apiVersion"], object["kind"]))
	}
	options := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	for _, path := range pruning.PruneWithOptions(object, schema.structural, true, options) {
		found = append(found, "unknown field "+path)
	}
	defaulting.Default(object, schema.structural)
	errors := schema.metadata(object)
	errors = append(errors, validation.ValidateCustomResource(nil, object, schema.values)...)
	errors = append(errors, listtype.ValidateListSetsAndMaps(nil, schema.structural, object)...)
	if schema.rules != nil && len(errors) == 0 {
		broken, _ := schema.rules.Validate(
			context.Background(), nil, schema.structural, object, nil, celconfig.RuntimeCELCostBudget)
		errors = append(errors, broken...)
	}
	for _, err := range errors {
		found = append(found, err.Error())
	}
	return found
}

func (s Schemas) of(object map[string]any) *Schema {
	version, _ := object["apiVersion"].(string)
	kind, _ := object["kind"].(string)
	if other, known := borrowed[version]; known {
		version = other
	}
	return s[version+" "+kind]
}

func (s *Schema) metadata(object map[string]any) field.ErrorList {
	path := field.NewPath("metadata")
	meta, found, err := objectmeta.GetObjectMeta(object, false)
	if err != nil {
		return field.ErrorList{field.Invalid(path, "", err.Error())}
	}
	if !found {
		return field.ErrorList{field.Required(path, "")}
	}
	return metavalidation.ValidateObjectMeta(meta, s.namespaced, metavalidation.NameIsDNSSubdomain, path)
}
