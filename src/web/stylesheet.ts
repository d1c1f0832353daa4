import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const folder = dirname(createRequire(import.meta.url).resolve('@patternfly/patternfly/package.json'))

/** The parts of PatternFly that the pages use, in its own order: half of the whole, and half the time to read it. */
const parts = [
  'patternfly-base.css',
  'components/Alert/alert.css',
  'components/Alert/alert-group.css',
  'components/Badge/badge.css',
  'components/Breadcrumb/breadcrumb.css',
  'components/Button/button.css',
  'components/Card/card.css',
  'components/Check/check.css',
  'components/CodeBlock/code-block.css',
  'components/Content/content.css',
  'components/DescriptionList/description-list.css',
  'components/Divider/divider.css',
  'components/EmptyState/empty-state.css',
  'components/ExpandableSection/expandable-section.css',
  'components/Form/form.css',
  'components/FormControl/form-control.css',
  'components/HelperText/helper-text.css',
  'components/InputGroup/input-group.css',
  'components/Label/label.css',
  'components/Label/label-group.css',
  'components/List/list.css',
  'components/Masthead/masthead.css',
  'components/Menu/menu.css',
  'components/MenuToggle/menu-toggle.css',
  'components/ModalBox/modal-box.css',
  'components/Nav/nav.css',
  'components/Page/page.css',
  'components/Pagination/pagination.css',
  'components/Panel/panel.css',
  'components/ProgressStepper/progress-stepper.css',
  'components/Radio/radio.css',
  'components/SkipToContent/skip-to-content.css',
  'components/Spinner/spinner.css',
  'components/Table/table.css',
  'components/Tabs/tabs.css',
  'components/TextInputGroup/text-input-group.css',
  'components/Title/title.css',
  'components/ToggleGroup/toggle-group.css',
  'components/Toolbar/toolbar.css',
  'layouts/_index.css',
]

/** The stylesheet as one text. Comments and indentation go; what is left is PatternFly's, word for word. */
export const stylesheet = (): string =>
  parts
    .map(part => readFileSync(join(folder, part), 'utf8'))
    .join('\n')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\n\s*/g, '\n')

/** The fonts that the stylesheet names, as it names them, and where they are. */
export function fonts(): [name: string, file: string][] {
  const named = [...stylesheet().matchAll(/url\("\.\/(assets\/[^"]+\.woff2)"\)/g)].map(match => match[1]!)
  return [...new Set(named)].map(name => [name, join(folder, name)])
}
