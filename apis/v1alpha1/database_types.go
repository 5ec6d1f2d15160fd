// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// A DatabaseEngine is a kind of database.
//
// +kubebuilder:validation:Enum=Postgres
type DatabaseEngine string

// EnginePostgres is PostgreSQL 13 to 18.
const EnginePostgres DatabaseEngine = "Postgres"

// A Database is a branch of a masked golden database. Its connection is
// offered as ${databases.NAME.url}, .host, .port, .database, .username and
// .password.
type Database struct {
	// Engine of the database. Default: Postgres
	// +optional
	Engine DatabaseEngine `json:"engine,omitempty"`

	// GoldenRef names the DatabaseGolden to branch. Required once claim and
	// blueprint are merged. Example: {name: shop}
	// +optional
	GoldenRef *NameReference `json:"goldenRef,omitempty"`
}
