"""The elements of an R4 Observation and of every data type it can hold, as tables.

One line says `name:type`, `*` for an array, `!` for required; `value[x]:A|B` is a choice, written
in JSON as `valueA` or `valueB`. `Reference(A,B)` names what may be referred to.

Source: HL7 FHIR R4 (4.0.1), observation.html, datatypes.html, metadatatypes.html,
extensibility.html, references.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slot:
    """One element of a type: which data type, how many, of which choice, to what it may refer."""

    name: str
    type: str
    is_many: bool
    is_required: bool
    choice: str | None = None
    targets: frozenset[str] = frozenset()


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


PRIMITIVES = _names(
    """base64Binary boolean canonical code date dateTime decimal id instant integer markdown oid
    positiveInt string time unsignedInt uri url uuid xhtml"""
)
_OPEN = """base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|markdown|oid
|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept
|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio
|Reference|SampledData|Signature|Timing|ContactDetail|Contributor|DataRequirement|Expression
|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Dosage|Meta"""
_QUANTITY = "value:decimal comparator:code unit:string system:uri code:code"
_OBSERVED = """Quantity|CodeableConcept|string|boolean|integer|Range|Ratio|SampledData|time|dateTime
|Period"""
_BACKBONE = frozenset(
    ("Timing", "Dosage", "Observation", "Observation.component", "Observation.referenceRange")
)

_TEXTS = {
    "Extension": f"url:uri! value[x]:{_OPEN}",
    "Narrative": "status:code! div:xhtml!",
    "Meta": """versionId:id lastUpdated:instant source:uri profile:canonical* security:Coding*
        tag:Coding*""",
    "Identifier": """use:code type:CodeableConcept system:uri value:string period:Period
        assigner:Reference(Organization)""",
    "Coding": "system:uri version:string code:code display:string userSelected:boolean",
    "CodeableConcept": "coding:Coding* text:string",
    "Reference": "reference:string type:uri identifier:Identifier display:string",
    **dict.fromkeys(
        ("Quantity", "SimpleQuantity", "Age", "Count", "Distance", "Duration"), _QUANTITY
    ),
    "Money": "value:decimal currency:code",
    "Range": "low:SimpleQuantity high:SimpleQuantity",
    "Ratio": "numerator:Quantity denominator:Quantity",
    "Period": "start:dateTime end:dateTime",
    "SampledData": """origin:SimpleQuantity! period:decimal! factor:decimal lowerLimit:decimal
        upperLimit:decimal dimensions:positiveInt! data:string""",
    "Annotation": """author[x]:Reference(Practitioner,Patient,RelatedPerson,Organization)|string
        time:dateTime text:markdown!""",
    "Attachment": """contentType:code language:code data:base64Binary url:url size:unsignedInt
        hash:base64Binary title:string creation:dateTime""",
    "Timing": "event:dateTime* repeat:Timing.repeat code:CodeableConcept",
    "Timing.repeat": """bounds[x]:Duration|Range|Period count:positiveInt countMax:positiveInt
        duration:decimal durationMax:decimal durationUnit:code frequency:positiveInt
        frequencyMax:positiveInt period:decimal periodMax:decimal periodUnit:code dayOfWeek:code*
        timeOfDay:time* when:code* offset:unsignedInt""",
    "HumanName": """use:code text:string family:string given:string* prefix:string* suffix:string*
        period:Period""",
    "ContactPoint": "system:code value:string use:code rank:positiveInt period:Period",
    "Address": """use:code type:code text:string line:string* city:string district:string
        state:string postalCode:string country:string period:Period""",
    "Signature": """type:Coding*! when:instant! who:Reference! onBehalfOf:Reference
        targetFormat:code sigFormat:code data:base64Binary""",
    "ContactDetail": "name:string telecom:ContactPoint*",
    "Contributor": "type:code! name:string! contact:ContactDetail*",
    "DataRequirement": """type:code! profile:canonical* subject[x]:CodeableConcept|Reference
        mustSupport:string* codeFilter:DataRequirement.codeFilter*
        dateFilter:DataRequirement.dateFilter* limit:positiveInt sort:DataRequirement.sort*""",
    "DataRequirement.codeFilter": "path:string searchParam:string valueSet:canonical code:Coding*",
    "DataRequirement.dateFilter": """path:string searchParam:string
        value[x]:dateTime|Period|Duration""",
    "DataRequirement.sort": "path:string! direction:code!",
    "Expression": "description:string name:id language:code! expression:string reference:uri",
    "ParameterDefinition": """name:code use:code! min:integer max:string documentation:string
        type:code! profile:canonical""",
    "RelatedArtifact": """type:code! label:string display:string citation:markdown url:url
        document:Attachment resource:canonical""",
    "TriggerDefinition": """type:code! name:string timing[x]:Timing|Reference|date|dateTime
        data:DataRequirement* condition:Expression""",
    "UsageContext": "code:Coding! value[x]:CodeableConcept|Quantity|Range|Reference!",
    "Dosage": """sequence:integer text:string additionalInstruction:CodeableConcept*
        patientInstruction:string timing:Timing asNeeded[x]:boolean|CodeableConcept
        site:CodeableConcept route:CodeableConcept method:CodeableConcept
        doseAndRate:Dosage.doseAndRate* maxDosePerPeriod:Ratio
        maxDosePerAdministration:SimpleQuantity maxDosePerLifetime:SimpleQuantity""",
    "Dosage.doseAndRate": """type:CodeableConcept dose[x]:Range|Quantity
        rate[x]:Ratio|Range|Quantity""",
    "Observation": f"""id:id meta:Meta implicitRules:uri language:code text:Narrative
        contained:Resource* identifier:Identifier*
        basedOn:Reference(CarePlan,DeviceRequest,ImmunizationRecommendation,MedicationRequest,
        NutritionOrder,ServiceRequest)*
        partOf:Reference(MedicationAdministration,MedicationDispense,MedicationStatement,Procedure,
        Immunization,ImagingStudy)*
        status:code! category:CodeableConcept* code:CodeableConcept!
        subject:Reference(Patient,Group,Device,Location) focus:Reference*
        encounter:Reference(Encounter) effective[x]:dateTime|Period|Timing|instant issued:instant
        performer:Reference(Practitioner,PractitionerRole,Organization,CareTeam,Patient,
        RelatedPerson)*
        value[x]:{_OBSERVED} dataAbsentReason:CodeableConcept interpretation:CodeableConcept*
        note:Annotation* bodySite:CodeableConcept method:CodeableConcept
        specimen:Reference(Specimen) device:Reference(Device,DeviceMetric)
        referenceRange:Observation.referenceRange*
        hasMember:Reference(Observation,QuestionnaireResponse,MolecularSequence)*
        derivedFrom:Reference(DocumentReference,ImagingStudy,Media,QuestionnaireResponse,Observation,
        MolecularSequence)*
        component:Observation.component*""",
    "Observation.component": f"""code:CodeableConcept! value[x]:{_OBSERVED}
        dataAbsentReason:CodeableConcept interpretation:CodeableConcept*
        referenceRange:Observation.referenceRange*""",
    "Observation.referenceRange": """low:SimpleQuantity high:SimpleQuantity type:CodeableConcept
        appliesTo:CodeableConcept* age:Range text:string""",
}

# Required bindings: the only codes that may stand there
CODES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("Observation", "status"): (
        "registered", "preliminary", "final", "amended", "corrected", "cancelled",
        "entered-in-error", "unknown",
    ),
    ("Narrative", "status"): ("generated", "extensions", "additional", "empty"),
    **{
        (quantity, "comparator"): ("<", "<=", ">=", ">")
        for quantity in ("Quantity", "Age", "Count", "Distance", "Duration")
    },
    ("Identifier", "use"): ("usual", "official", "temp", "secondary", "old"),
    ("HumanName", "use"): ("usual", "official", "temp", "nickname", "anonymous", "old", "maiden"),
    ("ContactPoint", "system"): ("phone", "fax", "email", "pager", "url", "sms", "other"),
    ("ContactPoint", "use"): ("home", "work", "temp", "old", "mobile"),
    ("Address", "use"): ("home", "work", "temp", "old", "billing"),
    ("Address", "type"): ("postal", "physical", "both"),
    ("Timing.repeat", "durationUnit"): ("s", "min", "h", "d", "wk", "mo", "a"),
    ("Timing.repeat", "periodUnit"): ("s", "min", "h", "d", "wk", "mo", "a"),
    ("Timing.repeat", "dayOfWeek"): ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
}  # fmt: skip


def _slots(type_name: str, text: str) -> dict[str, Slot]:
    words = re.sub(r"\s*([|,])\s*", r"\1", text)  # a list may be broken over lines
    found = {"id": Slot("id", "string", False, False)}
    found["extension"] = Slot("extension", "Extension", True, False)
    if type_name in _BACKBONE:
        found["modifierExtension"] = Slot("modifierExtension", "Extension", True, False)
    for word in words.split():
        for slot in _slots_of(word):
            found[slot.name] = slot
    return found


def _slots_of(word: str) -> list[Slot]:
    name, _, rest = word.partition(":")
    is_required = rest.endswith("!")
    rest = rest.removesuffix("!")
    is_many = rest.endswith("*")
    rest = rest.removesuffix("*")
    choice = name.removesuffix("[x]") if name.endswith("[x]") else None
    slots = []
    for option in rest.split("|"):
        kind, _, targets = option.rstrip(")").partition("(")
        named = choice + kind[0].upper() + kind[1:] if choice else name
        allowed = frozenset(targets.split(",")) if targets else frozenset()
        slots.append(Slot(named, kind, is_many, is_required, choice, allowed))
    return slots


TYPES: Mapping[str, Mapping[str, Slot]] = {
    type_name: _slots(type_name, text) for type_name, text in _TEXTS.items()
}

# Types that a literal reference can be told by; references to others are not judged
RESOURCES = _names(
    """Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse
    AuditEvent Basic Binary BiologicallyDerivedProduct BodyStructure Bundle
    CapabilityStatement CarePlan CareTeam CatalogEntry ChargeItem ChargeItemDefinition Claim
    ClaimResponse ClinicalImpression CodeSystem Communication CommunicationRequest
    CompartmentDefinition Composition ConceptMap Condition Consent Contract Coverage
    CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device
    DeviceDefinition DeviceMetric DeviceRequest DeviceUseStatement DiagnosticReport
    DocumentManifest DocumentReference EffectEvidenceSynthesis Encounter Endpoint
    EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence
    EvidenceVariable ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag Goal
    GraphDefinition Group GuidanceResponse HealthcareService ImagingStudy Immunization
    ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide InsurancePlan
    Invoice Library Linkage List Location Measure MeasureReport Media Medication
    MedicationAdministration MedicationDispense MedicationKnowledge MedicationRequest
    MedicationStatement MedicinalProduct MedicinalProductAuthorization
    MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient
    MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged
    MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition
    MessageHeader MolecularSequence NamingSystem NutritionOrder Observation
    ObservationDefinition OperationDefinition OperationOutcome Organization
    OrganizationAffiliation Parameters Patient PaymentNotice PaymentReconciliation Person
    PlanDefinition Practitioner PractitionerRole Procedure Provenance Questionnaire
    QuestionnaireResponse RelatedPerson RequestGroup ResearchDefinition
    ResearchElementDefinition ResearchStudy ResearchSubject RiskAssessment
    RiskEvidenceSynthesis Schedule SearchParameter ServiceRequest Slot Specimen
    SpecimenDefinition StructureDefinition StructureMap Subscription Substance
    SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation
    SubstanceSourceMaterial SubstanceSpecification SupplyDelivery SupplyRequest Task
    TerminologyCapabilities TestReport TestScript ValueSet VerificationResult
    VisionPrescription"""
)
